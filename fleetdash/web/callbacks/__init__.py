"""Read, render, nothing else; registered on the app that is being built."""
