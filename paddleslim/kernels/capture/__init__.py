"""Networks that somebody wrote operator by operator, captured as graphs and run by the compiler."""
