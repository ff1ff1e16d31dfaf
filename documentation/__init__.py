"""Makes what the site needs besides the pages that people write.

Reference pages and the diagram from the code, pictures of the screens, and the checks of what was built.
"""
