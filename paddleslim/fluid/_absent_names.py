EQUIVALENTS: dict = {}
MODULES: dict = {}
STATIC: set = set()
