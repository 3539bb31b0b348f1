from fieldapp.ui.app import run

run()
