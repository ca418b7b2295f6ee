"""The whole system against the simulated Steam, on a clock of its own: any history, checked by what Steam got."""
