"""Explanation: what a plan's limits are worth, what set its peak, what would repair a shortfall.

As data with a sentence a dispatcher understands. Every figure is a plan solved again with one fact
changed; duals only say where to look, and stand beside the differences that they bound.
"""
