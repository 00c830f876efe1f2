<?php
/**
 * Plugin Name: Servanda use gate
 * Description: Asks Servanda before a newsletter goes out. Without a yes, nothing is sent.
 *
 * In wp-config.php:
 *   define('SERVANDA_ADDRESS', 'https://privacy.example.com');
 *   define('SERVANDA_TOKEN', 'svd_…');
 *
 * In your newsletter's code, before each mail:
 *   if (servanda_may('email:' . $address, 'newsletter', 'email')) { wp_mail(...); }
 */

/** Whether this person may be sent this kind of message. False when in doubt. */
function servanda_may(string $subject, string $message, string $channel = ''): bool
{
    $asked = ['subject' => $subject, 'message' => $message, 'channel' => $channel];
    $answer = wp_remote_get(
        SERVANDA_ADDRESS . '/v1/may?' . http_build_query($asked),
        ['timeout' => 10, 'headers' => ['Authorization' => 'Bearer ' . SERVANDA_TOKEN]]
    );
    if (is_wp_error($answer) || wp_remote_retrieve_response_code($answer) !== 200) {
        return false;
    }
    $told = json_decode(wp_remote_retrieve_body($answer), true);
    return is_array($told) && ($told['may'] ?? false) === true;
}
