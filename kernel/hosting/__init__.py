"""The plugins' life: where their code comes from, how they are started, stopped, changed, and switched off."""
