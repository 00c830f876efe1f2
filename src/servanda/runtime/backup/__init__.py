"""A copy of Servanda's own state in one sealed file, and the way back.

    with Workspace.open(folder) as workspace:
        made = make.backup(workspace, Path("acme.backup"), passphrase)
    done = restore.restore(folder, Path("acme.backup"), passphrase)

In it are the state database with all tables, the enquiries, policy, stores, packs, settings and
published checkpoints; keys only when asked for. Not in it are people's packages and letters.
"""
