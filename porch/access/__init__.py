"""Who may reach which row: each function answers for one person, or raises.

Forbidden and absent look alike to a stranger (NotFound). All reads need an application context.
"""
