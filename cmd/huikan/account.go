package main

import "fmt"

type accountCmd struct {
	Reset accountResetCmd `cmd:"" help:"Give an account a new one-time password and drop its second factor: for an administrator who lost his, which no other administrator may replace."`
}

type accountResetCmd struct {
	Login string `arg:"" help:"Sign-in name." placeholder:"LOGIN"`
	site
}

// Run prints the one-time password, which is kept nowhere.
func (c *accountResetCmd) Run(e env) error {
	a, err := c.open(e)
	if err != nil {
		return err
	}
	defer a.Close()
	password, err := a.ResetAccount(e.ctx, c.Login)
	if err != nil {
		return err
	}
	fmt.Fprintln(e.out, password)
	return nil
}
