"""The outermost edge: the Streamlit page and the `trade-assistant` command."""
