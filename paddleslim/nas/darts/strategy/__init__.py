"""What differs between search methods, one small object a file."""
