"""HTTP itself: the server, its connections, bodies and forms in, answers and the page's files out."""
