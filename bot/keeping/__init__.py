"""How long what is over is kept, and how it goes. Begin reading at ``ending``."""
