"""What is remembered. Begin reading at :func:`storage.open.open_store`, the one door in."""
