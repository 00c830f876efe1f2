<?php
// Loaded into every test site: no mail leaves it, and the post types of Flamingo are known to
// WordPress as they are where that plugin is active.
add_filter('pre_wp_mail', '__return_true');
add_action('init', function () {
    foreach (['flamingo_inbound', 'flamingo_contact'] as $type) {
        register_post_type($type, ['public' => false, 'rewrite' => false, 'query_var' => false]);
    }
    register_taxonomy(
        'flamingo_inbound_channel',
        'flamingo_inbound',
        ['public' => false, 'hierarchical' => true, 'rewrite' => false, 'query_var' => false]
    );
});
