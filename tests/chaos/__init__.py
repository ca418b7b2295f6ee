"""The real process on a real disk and real sockets, killed and cheated, judged from outside; see README.md."""
