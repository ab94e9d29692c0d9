"""Tools of operators and planners: audit stock, replay and compare routing, load carriers, check what must always hold."""
