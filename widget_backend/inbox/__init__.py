"""The inbox: what CRMs tell us is stored, answered, and worked on later; what they forget to tell is found.

::

    directory ─> receiving ─> messages ─> processing ─> deals, contacts, touches, calls ─> the office's answers
                                 ^ reconcile (found late, or put off)        dead_letters (grouped, replayed)
"""
