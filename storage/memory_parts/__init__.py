"""What the store that keeps everything in memory is made of: what is due, its files, its chain."""
