package app

// handovers tells the room of units what each room hands over from a closed unit.
func (a *App) handovers() {
	a.Org.OnHandover(a.Directive.Estates()...)
	a.Org.OnHandover(a.Meeting.Estates()...)
	a.Org.OnHandover(a.Notice.Estates()...)
	a.Org.OnHandover(a.Rectification.Estates()...)
	a.Org.OnHandover(a.Conduct.Estates()...)
	a.Org.OnHandover(a.Tip.Estates()...)
}
