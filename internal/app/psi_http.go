package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/ui"
	"huikan/linkage/private"
)

// PSINet says how private matching goes over HTTP instead of by files.
type PSINet struct {
	PSIConfig
	Addr            string // the holder listens here
	TLSCert, TLSKey string
	Token           string // file with a secret that both sides know
	To              string // the asker's address of the holder
	CA              string // certificates to trust besides the system's
	Folder          string // the asker keeps offer, state and answer here
}

const (
	psiPath     = "/psi/answer"
	psiOffer    = "offer"  // its name in a refusal
	psiMinToken = 24       // characters of the shared secret
	psiHead     = 64 << 10 // bytes of an offer besides its elements
)

// token reads the shared secret of a file that only its owner can read.
func (c *PSINet) token() (string, error) {
	t, err := readPSI(c.Token, true, func(path string, r io.Reader) (string, error) {
		b, err := io.ReadAll(io.LimitReader(r, 4096))
		return strings.TrimSpace(string(b)), err
	})
	if err == nil && len(t) < psiMinToken {
		err = fault.Invalid("psi.token", c.Token, psiMinToken)
	}
	return t, err
}

// psiServer answers offers over HTTP: exactly what the command does by files, one
// offer at a time, under the same key, quota, log and lock.
type psiServer struct {
	PSINet
	token    [32]byte // digest, so that comparing tells not even its length
	words    func(key string, args ...any) string
	progress io.Writer
	one      sync.Mutex
}

// PSIServe answers offers until ctx ends.
func PSIServe(ctx context.Context, c PSINet, progress io.Writer) error {
	if err := checkListen(Config{Addr: c.Addr, TLSCert: c.TLSCert}); err != nil {
		return err
	}
	t, err := c.token()
	if err != nil {
		return err
	}
	k, err := readPSI(c.Key, true, private.ReadKey)
	if err != nil {
		return err
	}
	if _, err := c.readLog(k); err != nil {
		return err
	}
	set, err := ui.New()
	if err != nil {
		return err
	}
	if err := errors.Join(set.AddRoom("psi", noPages, psiWords()), set.AddRoom("link", noPages, linkWords())); err != nil {
		return err
	}
	s := &psiServer{PSINet: c, token: sha256.Sum256([]byte(t)), progress: progress}
	s.words = func(key string, args ...any) string { return set.Words().T(c.Lang, key, args...) }
	ln, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fault.Unavailable("error.listen", c.Addr).With(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+psiPath, s.answer)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	if err := c.say(progress, "psi.serve", scheme+"://"+ln.Addr().String(), k.ID); err != nil {
		return err
	}
	end := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		end <- srv.Shutdown(stop)
	}()
	if c.TLSCert != "" {
		err = srv.ServeTLS(ln, c.TLSCert, c.TLSKey)
	} else {
		err = srv.Serve(ln)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("psi: %w", err)
	}
	return <-end
}

// answer takes an offer and gives the answer; the offer is read into a file first,
// so that memory is taken for one exchange only and nothing half is evaluated.
func (s *psiServer) answer(w http.ResponseWriter, r *http.Request) {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if sum := sha256.Sum256([]byte(given)); !ok || subtle.ConstantTimeCompare(sum[:], s.token[:]) != 1 {
		s.refuse(w, http.StatusUnauthorized, fault.Invalid("psi.unknown"))
		return
	}
	if !s.one.TryLock() {
		w.Header().Set("Retry-After", "60")
		s.refuse(w, http.StatusServiceUnavailable, fault.State("psi.busy"))
		return
	}
	defer s.one.Unlock()
	if err := s.reply(w, r); err != nil && r.Context().Err() == nil {
		s.refuse(w, statusOfPSI(err), err)
	}
}

// statusOfPSI tells what is wrong with an offer from trouble of the holder's own,
// of whose files the asker must learn nothing.
func statusOfPSI(err error) int {
	f, ok := fault.Of(err)
	var e *private.Error
	switch {
	case !ok:
	case f.Key == "psi.locked":
		return http.StatusServiceUnavailable
	case f.Key == "psi.large":
		return http.StatusRequestEntityTooLarge
	case f.Key == "psi.cut":
		return http.StatusBadRequest
	case errors.As(err, &e) && e.File == psiOffer && f.Kind == fault.KindState:
		return http.StatusConflict
	case errors.As(err, &e) && e.File == psiOffer:
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

func (s *psiServer) reply(w http.ResponseWriter, r *http.Request) error {
	k, err := readPSI(s.Key, true, private.ReadKey)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(s.Key), ".psi-")
	if err != nil {
		return fileError(s.Key, err)
	}
	defer os.RemoveAll(dir)
	c := s.PSIConfig
	c.Offer, c.Answer = filepath.Join(dir, "offer"), filepath.Join(dir, "answer")
	most := int64(k.Quota)*32 + psiHead // what exceeds the quota would be refused anyway
	if err := writeOut(c.Offer, func(to io.Writer) error {
		_, err := io.Copy(to, http.MaxBytesReader(w, r.Body, most))
		return err
	}); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return fault.Limit("psi.large", most)
		}
		return fault.Invalid("psi.cut").With(err)
	}
	if err := PSIAnswer(r.Context(), c, s.progress); err != nil {
		if e, ok := errors.AsType[*private.Error](err); ok && e.File == c.Offer {
			e.File = psiOffer // not by a path of the holder's
			return psiError(e)
		}
		return err
	}
	f, err := os.Open(c.Answer)
	if err != nil {
		return fileError(c.Answer, err)
	}
	defer f.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	if i, err := f.Stat(); err == nil {
		w.Header().Set("Content-Length", fmt.Sprint(i.Size()))
	}
	_, err = io.Copy(w, f)
	if err != nil {
		fmt.Fprintln(s.progress, s.words("psi.cut"))
	}
	return nil // the status was sent; a cut answer is refused by the asker
}

// refuse tells the asker a sentence about his offer, and the holder's console of
// trouble of his own, which is nobody else's business.
func (s *psiServer) refuse(w http.ResponseWriter, status int, err error) {
	text := s.words("psi.trouble")
	switch f, ok := fault.Of(err); {
	case status == http.StatusServiceUnavailable:
		text = s.words("psi.busy")
	case ok && status != http.StatusInternalServerError:
		text = s.words(f.Key, f.Args...)
	}
	fmt.Fprintln(s.progress, status, text)
	if status == http.StatusInternalServerError {
		fmt.Fprintln(s.progress, err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": text}) // he went away: nobody is left to tell
}

// PSIAsk makes an offer, sends it to the holder, and opens his answer. Offer,
// secret state and answer stay in a folder; if the folder has an offer that was not
// answered, that one is sent again.
func PSIAsk(ctx context.Context, c PSINet, progress io.Writer) error {
	t, err := c.token()
	if err != nil {
		return err
	}
	to, err := url.Parse(c.To)
	if err != nil || to.Host == "" || to.Scheme != "https" && to.Scheme != "http" {
		return fault.Invalid("psi.address", c.To)
	}
	if ip := net.ParseIP(to.Hostname()); to.Scheme == "http" && to.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fault.Invalid("psi.clear", c.To)
	}
	cl, err := c.client()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return fileError(c.Folder, err)
	}
	c.Offer, c.State, c.Answer = filepath.Join(c.Folder, "offer"), filepath.Join(c.Folder, "state"), filepath.Join(c.Folder, "answer")
	if _, err := os.Stat(c.Offer); err != nil {
		if err := PSIOffer(ctx, c.PSIConfig, progress); err != nil {
			return err
		}
	}
	if _, err := os.Stat(c.Answer); err != nil {
		if err := c.send(ctx, cl, to.JoinPath(psiPath).String(), t); err != nil {
			return err
		}
	}
	return PSIOpen(ctx, c.PSIConfig, progress)
}

func (c *PSINet) client() (*http.Client, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		pem, err := ReadFile(c.CA)
		if err != nil {
			return nil, err
		}
		if conf.RootCAs, err = x509.SystemCertPool(); err != nil || runtime.GOOS == "windows" {
			conf.RootCAs = x509.NewCertPool()
		}
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fault.Invalid("psi.ca", c.CA)
		}
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: conf, Proxy: http.ProxyFromEnvironment},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, nil
}

func (c *PSINet) send(ctx context.Context, cl *http.Client, to, token string) error {
	f, err := os.Open(c.Offer)
	if err != nil {
		return fileError(c.Offer, err)
	}
	defer f.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, f)
	if err != nil {
		return fault.Invalid("psi.address", c.To).With(err)
	}
	if i, err := f.Stat(); err == nil {
		req.ContentLength = i.Size()
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/octet-stream")
	res, err := cl.Do(req)
	if err != nil {
		return fault.Unavailable("psi.unreachable", c.To).With(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		var said struct {
			Error string `json:"error"`
		}
		_ = json.NewDecoder(io.LimitReader(res.Body, 8<<10)).Decode(&said) // whatever he says, the status is told
		return fault.State("psi.refused", c.To, res.StatusCode, said.Error)
	}
	return writeOut(c.Answer, func(w io.Writer) error {
		n, err := io.Copy(w, res.Body)
		if err == nil && res.ContentLength >= 0 && n != res.ContentLength {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return fault.Unavailable("psi.unreachable", c.To).With(err)
		}
		return nil
	})
}
