-- Operational, of the room account/: how members prove who they are. The member itself is governed; what stands here gives no
-- right by itself, and losing it loses no record. Secrets are kept as hashes, addresses as HMACs under a key of the key store.

-- A credential of a member.
CREATE TABLE account (
    id            TEXT NOT NULL PRIMARY KEY,
    member_id     TEXT NOT NULL UNIQUE REFERENCES member (id),
    password      TEXT NOT NULL,              -- Argon2id, as libsodium writes it; empty: none yet
    password_at   BIGINT NOT NULL,            -- when it was set; 0: never
    invite_hash   TEXT NOT NULL,              -- SHA-256 of the one-time code; empty: none is open
    invite_until  BIGINT NOT NULL,
    is_locked     BIGINT NOT NULL,
    made_at       BIGINT NOT NULL
);
CREATE INDEX account_invite ON account (invite_hash);

CREATE TABLE account_session (
    id            TEXT NOT NULL PRIMARY KEY,
    account_id    TEXT NOT NULL REFERENCES account (id),
    token_hash    TEXT NOT NULL UNIQUE,       -- SHA-256 of what the cookie holds
    old_hash      TEXT NOT NULL,              -- of the cookie before the last rotation; empty: none
    old_until     BIGINT NOT NULL,            -- requests under way may still come with it
    duties        TEXT NOT NULL,              -- of the member when the cookie was made: others mean another cookie
    how           TEXT NOT NULL CHECK (how IN ('password', 'invitation', 'oidc')),
    made_at       BIGINT NOT NULL,
    used_at       BIGINT NOT NULL,            -- to the minute
    expires_at    BIGINT NOT NULL             -- however much it is used
);
CREATE INDEX account_session_old ON account_session (old_hash);
CREATE INDEX account_session_account ON account_session (account_id);
CREATE INDEX account_session_expires ON account_session (expires_at);

CREATE TABLE account_token (
    id            TEXT NOT NULL PRIMARY KEY,
    account_id    TEXT NOT NULL REFERENCES account (id),
    title         TEXT NOT NULL,
    token_hash    TEXT NOT NULL UNIQUE,       -- SHA-256 of the token
    scopes        TEXT NOT NULL,              -- actions, separated by spaces
    made_at       BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    used_at       BIGINT NOT NULL,            -- to the minute; 0: never
    revoked_at    BIGINT NOT NULL             -- 0: it holds
);
CREATE INDEX account_token_account ON account_token (account_id, id);

-- Failures to sign in, and until when the next try must wait.
CREATE TABLE account_throttle (
    subject       TEXT NOT NULL PRIMARY KEY,  -- HMAC of an account's name, an address, or both
    failures      BIGINT NOT NULL,
    wait_until    BIGINT NOT NULL,
    forget_at     BIGINT NOT NULL
);
CREATE INDEX account_throttle_forget ON account_throttle (forget_at);

-- Where an account was signed in from: failures from elsewhere don't make these wait.
CREATE TABLE account_familiar (
    subject       TEXT NOT NULL PRIMARY KEY,  -- HMAC of name and address
    forget_at     BIGINT NOT NULL
);
CREATE INDEX account_familiar_forget ON account_familiar (forget_at);

CREATE TABLE account_setting (
    name          TEXT NOT NULL PRIMARY KEY,  -- "key": the id of the key of those HMACs
    value         TEXT NOT NULL
);

-- Who vouches for members by OpenID Connect.
CREATE TABLE account_provider (
    id            TEXT NOT NULL PRIMARY KEY,  -- a short name, in addresses
    issuer        TEXT NOT NULL UNIQUE,
    title         TEXT NOT NULL,
    client_id     TEXT NOT NULL,
    key_id        TEXT NOT NULL,              -- of the sealed secret
    sealed_secret BYTEA NOT NULL,
    may_private   BIGINT NOT NULL,            -- addresses that aren't public, and plain http there
    made_at       BIGINT NOT NULL
);

-- Which member a provider's subject is: only by an administrator or an invitation.
CREATE TABLE account_link (
    id            TEXT NOT NULL PRIMARY KEY,
    account_id    TEXT NOT NULL REFERENCES account (id),
    issuer        TEXT NOT NULL,
    subject       TEXT NOT NULL,
    made_at       BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);
CREATE INDEX account_link_account ON account_link (account_id);

-- Sign-ins by a provider that are under way; each is used once.
CREATE TABLE account_flow (
    state_hash    TEXT NOT NULL PRIMARY KEY,
    provider_id   TEXT NOT NULL REFERENCES account_provider (id),
    invite_hash   TEXT NOT NULL,              -- of an invitation that it links; empty: none
    redirect_uri  TEXT NOT NULL,
    expires_at    BIGINT NOT NULL
);
CREATE INDEX account_flow_expires ON account_flow (expires_at);

-- Governed: a member who has ended. The member's row stays, for what it did.
CREATE TABLE member_end (
    id            TEXT NOT NULL PRIMARY KEY REFERENCES member (id),
    ended_at      BIGINT NOT NULL
);
