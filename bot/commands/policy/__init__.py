"""The commands about a policy: the page to sign, the table, two compared, a decision explained."""
