"""The reporting bot by e-mail: it tells people, and takes back only what could not be delivered."""
