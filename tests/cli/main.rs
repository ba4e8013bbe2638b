//! Behaviour through the binary: one test program for the whole command line.
