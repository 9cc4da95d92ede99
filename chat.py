from porch.launch import create_app, serve  # noqa: F401  # create_app is found by flask

if __name__ == "__main__":
    serve()
