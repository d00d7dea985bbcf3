"""The tests, one folder per folder of simulator/.

A test's name states the fact. No mocks of our own code, no sleeps, nothing of one test's world in another's; what
needs a program that is not ours bears the mark `real_peer` and asks for it inside the test or a fixture, not on import.
"""
