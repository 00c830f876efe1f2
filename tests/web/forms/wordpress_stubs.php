<?php
// What the snippet in docs/how-to/intake.md needs of WordPress, in a few lines each.
class WP_Error {}
function is_wp_error($it) { return $it instanceof WP_Error; }
function wp_json_encode($it) { return json_encode($it); }
function wp_unslash($it) { return $it; }
function esc_html($text) { return htmlspecialchars($text); }
function home_url($path) { return 'https://site.test' . $path; }
function add_action($name, $call) {}
function wp_remote_retrieve_body($answer) { return $answer['body']; }
function wp_remote_retrieve_response_code($answer) { return $answer['code']; }
function wp_remote_post($url, $told) {
    $headers = '';
    foreach ($told['headers'] as $name => $value) { $headers .= "$name: $value\r\n"; }
    $http = ['method' => 'POST', 'header' => $headers, 'content' => $told['body'],
        'timeout' => $told['timeout'], 'ignore_errors' => true];
    $body = @file_get_contents($url, false, stream_context_create(['http' => $http]));
    if ($body === false) { return new WP_Error(); }
    preg_match('/ (\d{3})/', $http_response_header[0], $found);
    return ['code' => (int) $found[1], 'body' => $body];
}
function wp_die($text) { echo json_encode(['refused' => $text]); exit; }
function do_action($name, $form, $sent, $receipt) { echo json_encode(['kept' => $sent, 'receipt' => $receipt]); }
function wp_safe_redirect($to) {}

[, $snippet, $url, $token, $sent] = $argv;
define('SERVANDA_URL', $url);
define('SERVANDA_TOKEN', $token);
$_POST = json_decode($sent, true);
require $snippet;
servanda_contact();
