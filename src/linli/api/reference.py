STYLE = ""


def render(document):
    return ""
