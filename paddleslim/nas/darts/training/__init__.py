"""What a search and a retraining share: loop, callbacks, signals, guards, precision."""
