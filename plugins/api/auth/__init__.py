"""Who is asking and what they may do: tokens, operators, sessions, lockouts, and the audit of what they did."""
