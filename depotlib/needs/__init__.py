"""Needs: what tonight asks for, as dwells with the energy needed and how sure we are.

From telematics, duties and past sessions. Opens nothing and waits for nothing.
"""
