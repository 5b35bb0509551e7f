"""Who may connect: passwords, certificates, TLS, and the gate that every connection passes.

A station proves who it is by its security profile: 1 a password, 2 a password over TLS, 3 a client
certificate. Secrets lie in one folder that only its owner reads; of passwords there is a keyed
digest only. The one package that imports `cryptography`.
"""
