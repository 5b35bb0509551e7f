"""What a log of OCPP messages tells: its frames, their samples, and the transactions they make."""
