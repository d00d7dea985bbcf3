"""THE LETTER: alphabets, segments and the receipt's text (3GPP 23.038, 23.040; SMPP 3.4, appendix B).

Pure functions over octets and characters, imported from the three modules. Knows nothing of PDUs, carriers, sockets or
the time.
"""
