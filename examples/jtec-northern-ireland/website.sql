-- The tables of a WordPress 6 site, as SQLite.

CREATE TABLE wp_commentmeta (
  meta_id INTEGER PRIMARY KEY,
  comment_id INTEGER NOT NULL DEFAULT 0,
  meta_key VARCHAR(255),
  meta_value TEXT
);

CREATE TABLE wp_comments (
  comment_ID INTEGER PRIMARY KEY,
  comment_post_ID INTEGER NOT NULL DEFAULT 0,
  comment_author TEXT NOT NULL DEFAULT '',
  comment_author_email VARCHAR(100) NOT NULL DEFAULT '',
  comment_author_url VARCHAR(200) NOT NULL DEFAULT '',
  comment_author_IP VARCHAR(100) NOT NULL DEFAULT '',
  comment_date DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  comment_date_gmt DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  comment_content TEXT NOT NULL DEFAULT '',
  comment_karma INTEGER NOT NULL DEFAULT 0,
  comment_approved VARCHAR(20) NOT NULL DEFAULT '',
  comment_agent VARCHAR(255) NOT NULL DEFAULT '',
  comment_type VARCHAR(20) NOT NULL DEFAULT '',
  comment_parent INTEGER NOT NULL DEFAULT 0,
  user_id INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE wp_links (
  link_id INTEGER PRIMARY KEY,
  link_url VARCHAR(255) NOT NULL DEFAULT '',
  link_name VARCHAR(255) NOT NULL DEFAULT '',
  link_image VARCHAR(255) NOT NULL DEFAULT '',
  link_target VARCHAR(25) NOT NULL DEFAULT '',
  link_description VARCHAR(255) NOT NULL DEFAULT '',
  link_visible VARCHAR(20) NOT NULL DEFAULT '',
  link_owner INTEGER NOT NULL DEFAULT 0,
  link_rating INTEGER NOT NULL DEFAULT 0,
  link_updated DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  link_rel VARCHAR(255) NOT NULL DEFAULT '',
  link_notes TEXT NOT NULL DEFAULT '',
  link_rss VARCHAR(255) NOT NULL DEFAULT ''
);

CREATE TABLE wp_options (
  option_id INTEGER PRIMARY KEY,
  option_name VARCHAR(191) NOT NULL DEFAULT '',
  option_value TEXT NOT NULL DEFAULT '',
  autoload VARCHAR(20) NOT NULL DEFAULT ''
);

CREATE TABLE wp_postmeta (
  meta_id INTEGER PRIMARY KEY,
  post_id INTEGER NOT NULL DEFAULT 0,
  meta_key VARCHAR(255),
  meta_value TEXT
);

CREATE TABLE wp_posts (
  ID INTEGER PRIMARY KEY,
  post_author INTEGER NOT NULL DEFAULT 0,
  post_date DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  post_date_gmt DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  post_content TEXT NOT NULL DEFAULT '',
  post_title TEXT NOT NULL DEFAULT '',
  post_excerpt TEXT NOT NULL DEFAULT '',
  post_status VARCHAR(20) NOT NULL DEFAULT '',
  comment_status VARCHAR(20) NOT NULL DEFAULT '',
  ping_status VARCHAR(20) NOT NULL DEFAULT '',
  post_password VARCHAR(255) NOT NULL DEFAULT '',
  post_name VARCHAR(200) NOT NULL DEFAULT '',
  to_ping TEXT NOT NULL DEFAULT '',
  pinged TEXT NOT NULL DEFAULT '',
  post_modified DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  post_modified_gmt DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  post_content_filtered TEXT NOT NULL DEFAULT '',
  post_parent INTEGER NOT NULL DEFAULT 0,
  guid VARCHAR(255) NOT NULL DEFAULT '',
  menu_order INTEGER NOT NULL DEFAULT 0,
  post_type VARCHAR(20) NOT NULL DEFAULT '',
  post_mime_type VARCHAR(100) NOT NULL DEFAULT '',
  comment_count INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE wp_termmeta (
  meta_id INTEGER PRIMARY KEY,
  term_id INTEGER NOT NULL DEFAULT 0,
  meta_key VARCHAR(255),
  meta_value TEXT
);

CREATE TABLE wp_terms (
  term_id INTEGER PRIMARY KEY,
  name VARCHAR(200) NOT NULL DEFAULT '',
  slug VARCHAR(200) NOT NULL DEFAULT '',
  term_group TEXT NOT NULL DEFAULT ''
);

CREATE TABLE wp_term_relationships (
  object_id INTEGER NOT NULL DEFAULT 0,
  term_taxonomy_id INTEGER NOT NULL DEFAULT 0,
  term_order INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (object_id, term_taxonomy_id)
);

CREATE TABLE wp_term_taxonomy (
  term_taxonomy_id INTEGER PRIMARY KEY,
  term_id INTEGER NOT NULL DEFAULT 0,
  taxonomy VARCHAR(32) NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '',
  parent INTEGER NOT NULL DEFAULT 0,
  count INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE wp_usermeta (
  umeta_id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL DEFAULT 0,
  meta_key VARCHAR(255),
  meta_value TEXT
);

CREATE TABLE wp_users (
  ID INTEGER PRIMARY KEY,
  user_login VARCHAR(60) NOT NULL DEFAULT '',
  user_pass VARCHAR(255) NOT NULL DEFAULT '',
  user_nicename VARCHAR(50) NOT NULL DEFAULT '',
  user_email VARCHAR(100) NOT NULL DEFAULT '',
  user_url VARCHAR(100) NOT NULL DEFAULT '',
  user_registered DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  user_activation_key VARCHAR(255) NOT NULL DEFAULT '',
  user_status INTEGER NOT NULL DEFAULT 0,
  display_name VARCHAR(250) NOT NULL DEFAULT ''
);

CREATE INDEX wp_postmeta_post ON wp_postmeta (post_id);
CREATE INDEX wp_commentmeta_comment ON wp_commentmeta (comment_id);
CREATE INDEX wp_posts_type ON wp_posts (post_type, post_date_gmt);
