"""What accounts sign for each other and seal for each other's browsers, as far as somebody without any key
can check it: the form of each record, its hashes and its signatures. docs/encryption.md says what they are.
"""
