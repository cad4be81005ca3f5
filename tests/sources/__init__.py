"""Sources of pictures: files and cameras, and what becomes of their bytes."""
