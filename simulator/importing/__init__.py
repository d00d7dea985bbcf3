"""What others have written, as scenarios: SMPPSim's settings, pasted receipts and PDUs. It plays nothing."""
