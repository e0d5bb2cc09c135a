-- The tables as version 0.1.0 made them, without a revision; what a file of that version holds.
CREATE TABLE events (
    event_id VARCHAR(64) NOT NULL,
    team_id VARCHAR(64),
    enterprise_id VARCHAR(64),
    claimed_at DOUBLE NOT NULL,
    finished BOOLEAN NOT NULL,
    PRIMARY KEY (event_id)
);

CREATE TABLE feedback (
    team_id VARCHAR(64) NOT NULL,
    user_id VARCHAR(64) NOT NULL,
    request_digest VARCHAR(64) NOT NULL,
    enterprise_id VARCHAR(64),
    request TEXT NOT NULL,
    helpful BOOLEAN NOT NULL,
    said_at DOUBLE NOT NULL,
    PRIMARY KEY (team_id, user_id, request_digest)
);

CREATE TABLE oauth_states (
    state VARCHAR(64) NOT NULL,
    expires_at DOUBLE NOT NULL,
    PRIMARY KEY (state)
);

CREATE TABLE slack_bots (
    id INTEGER NOT NULL,
    client_id VARCHAR(32) NOT NULL,
    app_id VARCHAR(32) NOT NULL,
    enterprise_id VARCHAR(32),
    enterprise_name VARCHAR(200),
    team_id VARCHAR(32),
    team_name VARCHAR(200),
    bot_token TEXT,
    bot_id VARCHAR(32),
    bot_user_id VARCHAR(32),
    bot_scopes VARCHAR(1000),
    bot_refresh_token TEXT,
    bot_token_expires_at DATETIME,
    is_enterprise_install BOOLEAN NOT NULL,
    installed_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX slack_bots_idx ON slack_bots (client_id, enterprise_id, team_id, installed_at);

CREATE TABLE slack_installations (
    id INTEGER NOT NULL,
    client_id VARCHAR(32) NOT NULL,
    app_id VARCHAR(32) NOT NULL,
    enterprise_id VARCHAR(32),
    enterprise_name VARCHAR(200),
    enterprise_url VARCHAR(200),
    team_id VARCHAR(32),
    team_name VARCHAR(200),
    bot_token TEXT,
    bot_id VARCHAR(32),
    bot_user_id VARCHAR(32),
    bot_scopes VARCHAR(1000),
    bot_refresh_token TEXT,
    bot_token_expires_at DATETIME,
    user_id VARCHAR(32) NOT NULL,
    user_token TEXT,
    user_scopes VARCHAR(1000),
    user_refresh_token TEXT,
    user_token_expires_at DATETIME,
    incoming_webhook_url TEXT,
    incoming_webhook_channel VARCHAR(200),
    incoming_webhook_channel_id VARCHAR(200),
    incoming_webhook_configuration_url VARCHAR(200),
    is_enterprise_install BOOLEAN NOT NULL,
    token_type VARCHAR(32),
    installed_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX slack_installations_idx ON slack_installations (client_id, enterprise_id, team_id, user_id, installed_at);

CREATE TABLE threads (
    team_id VARCHAR(64) NOT NULL,
    channel_id VARCHAR(64) NOT NULL,
    thread_ts VARCHAR(64) NOT NULL,
    enterprise_id VARCHAR(64),
    request TEXT NOT NULL,
    asked_at DOUBLE NOT NULL,
    PRIMARY KEY (team_id, channel_id, thread_ts)
);
CREATE INDEX threads_by_use ON threads (team_id, asked_at);

CREATE TABLE workspaces (
    id VARCHAR(64) NOT NULL,
    forgotten_at DOUBLE,
    PRIMARY KEY (id)
);

