"""The domain, the library and answering: everything between an indexed article and a checked answer.

Importing this package loads no model, opens no file and reads no environment variable.
"""
