"""The parts of the middleware, and the server that runs the app."""
