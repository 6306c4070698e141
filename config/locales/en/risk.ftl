# risk
