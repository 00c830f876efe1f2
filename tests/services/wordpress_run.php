<?php
// Runs the PHP code of a request from standard input inside WordPress, and prints what it returns
// as JSON. The code finds its data in $in and the database in $wpdb.
$request = json_decode(stream_get_contents(STDIN), true);
$_SERVER['HTTP_HOST'] = $request['host'];
$_SERVER['REQUEST_METHOD'] = 'GET';
if ($request['installing']) {
    define('WP_INSTALLING', true);
}
require __DIR__ . '/site/wp-load.php';
require ABSPATH . 'wp-admin/includes/admin.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

$in = $request['in'];
$result = eval($request['code']);
if ($result instanceof WP_Error) {
    fwrite(STDERR, $result->get_error_message() . "\n");
    exit(1);
}
echo "\n--result--\n", wp_json_encode($result);
