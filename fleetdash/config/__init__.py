"""The fleet file and the environment, parsed once into frozen settings."""
