"""Messages of every type, sound ones and ones made to break readers of JSON."""

import msgspec

from isthisme.server.messages import AnyRequest

_PAGE = b'"page":{"address":"https://a.example/","title":"A \xf0\x9f\x8c\x8a"}'
_SOUND = (
    (
        b'{"type":"hello","id":1,"protocol":1,"extension_version":"0.1.0","browser":"chromium","user_agent":"T/1",'
        b'"languages":["en","zh-CN"]}'
    ),
    b'{"type":"status","id":2}',
    b'{"type":"check_page","id":3,' + _PAGE + b',"images":[{"key":"a","address":"https://a.example/a.png"},'
    b'{"key":"b","address":"data:image/gif;base64,R0lGODlh","may_supply":true,"referrer_policy":"origin","is_seen":true}],'
    b'"deadline_seconds":5.5,"who_fetches":"browser","is_private":true}',
    b'{"type":"check_image","id":4,' + _PAGE + b',"image":{"key":"q","bytes":"/9j/4A=="},"is_rehearsal":true}',
    b'{"type":"supply_bytes","id":5,"target":3,"key":"b","part":0,"parts":2,"bytes":"AAECAw=="}',
    b'{"type":"supply_nothing","id":6,"target":3,"key":"b","reason":"gone"}',
    b'{"type":"capture_page","id":7,"capture":"c",' + _PAGE + b',"kind":"screen","media_type":"image/png",'
    b'"at":1790000000.5,"part":0,"parts":1,"bytes":"iVBORw0KGgo=","is_last":true,"width":20,"height":10}',
    b'{"type":"cancel","id":8,"target":3}',
    b'{"type":"photo_preview","id":9,"photo_id":1}',
    b'{"type":"sighting_preview","id":10,"sighting_id":1}',
    (
        b'{"type":"sightings","id":11,"limit":5,"before":9,"site":"a.example","search":"100%_x","verdict":"copy",'
        b'"presence":"there","is_kept":true,"case_id":1,"is_without_case":false,"page_address":"https://a.example/"}'
    ),
    b'{"type":"delete_sighting","id":12,"sighting_id":1}',
    b'{"type":"keep_sighting","id":13,"sighting_id":1}',
    b'{"type":"not_me","id":14,"sighting_id":1,"photo_id":1}',
    b'{"type":"recheck","id":15,"sighting_ids":[1,2]}',
    b'{"type":"recheck_schedule","id":16,"hours":24}',
    b'{"type":"cases","id":17}',
    b'{"type":"case","id":18,"case_id":1}',
    b'{"type":"suggest_cases","id":19}',
    b'{"type":"make_case","id":20,"sighting_ids":[1,2],"name":"A","offender":"b.example"}',
    b'{"type":"put_in_case","id":21,"sighting_ids":[1],"case_id":1}',
    b'{"type":"merge_cases","id":22,"case_id":2,"into":1}',
    b'{"type":"change_case","id":23,"case_id":1,"name":"B","status":"reported"}',
    b'{"type":"add_note","id":24,"case_id":1,"text":"Wrote to them."}',
    b'{"type":"delete_note","id":25,"event_id":1}',
    b'{"type":"delete_case","id":26,"case_id":1,"with_sightings":true}',
    b'{"type":"timeline","id":27,"case_id":1,"sighting_id":1}',
    b'{"type":"note_export","id":28,"format":"csv","sightings":3}',
    b'{"type":"notice_kinds","id":29,"language":"en"}',
    b'{"type":"draft_notice","id":30,"kind":"dmca","language":"en","answers":{"name":"A {{ b }}"},"sighting_ids":[1]}',
    b'{"type":"save_notice","id":31,"kind":"gdpr","language":"zh","subject":"S","text":"T","format":"txt","case_id":1}',
    b'{"type":"note_notice","id":32,"kind":"request","how":"copied","sighting_ids":[1]}',
    b'{"type":"fine_here","id":33,"pattern":"https://a.example/b/","reach":"below","is_own_place":true}',
    b'{"type":"decisions","id":34,"limit":3,"before":2}',
    b'{"type":"undo_decision","id":35,"decision_id":1}',
    b'{"type":"pause","id":36,"site":"a.example","until":1790000000.0}',
    b'{"type":"resume","id":37,"site":"a.example"}',
    b'{"type":"folders","id":38}',
    b'{"type":"add_folder","id":39,"path":"/nowhere/at/all"}',
    b'{"type":"remove_folder","id":40,"path":"~/nowhere"}',
    b'{"type":"suggest_folders","id":41}',
    b'{"type":"choose_folder","id":42}',
    b'{"type":"sample_photos","id":43,"limit":5}',
    b'{"type":"save_evidence","id":44,"language":"en","sighting_ids":[1],"case_id":1,"timestamp":"http://t.example"}',
    b'{"type":"bundles","id":45,"case_id":1,"sighting_id":1}',
    b'{"type":"verify_evidence","id":46,"bundle_id":1}',
    b'{"type":"show_bundle","id":47,"bundle_id":1}',
    b'{"type":"rebuild","id":48}',
    b'{"type":"index_now","id":49}',
)
_UNSOUND = (
    b'{"type":"hello","x":' + b"[" * 1_400 + b"]" * 1_400 + b"}",
    b'{"type":' + b'{"a":' * 400 + b"1" + b"}" * 400 + b"}",
    b'{"type":"cancel","id":1,"target":' + b"9" * 2_000 + b"}",
    b'{"type":"photo_preview","id":1,"photo_id":-' + b"9" * 30 + b"}",
    b'{"type":"photo_preview","id":1,"photo_id":9223372036854775808}',
    b'{"type":"pause","id":1,"until":1e999}',
    b'{"type":"pause","id":1,"until":NaN}',
    b'{"type":"pause","id":1,"until":-0.0,"site":"\\ud83d"}',
    b'{"type":"hello\\ud800","id":1}',
    b'{"type":"status","id":1,"type":"cancel","id":2}',
    b'{"id":true,"type":"status"}',
    b'{"id":9007199254740992,"type":"status"}',
    b'{"id":null,"type":null}',
    '{"type":"status","id":3}'.encode("utf-16"),
    '{"type":"status","id":3}'.encode("utf-32-be"),
    b'\xef\xbb\xbf{"type":"status","id":4}',
    b'{"type":"no_such_' + b"x" * 2_000 + b'","id":5}',
    b'{"type":"status","id":6,"\\u0000":"\\u0000"}',
    b'{"type":"fine_here","id":7,"pattern":"http://[::1","reach":"page"}',
    b"",
    b"null",
    b'"',
    b"\xff\xfe\xfd",
)
MESSAGES = (*_SOUND, *_UNSOUND)
TYPES = frozenset(kind.__struct_config__.tag for kind in AnyRequest.__value__.__args__)
WORDS = (
    *(
        b'"%s":' % name
        for name in (b"type", b"id", b"bytes", b"limit", b"before", b"sighting_ids", b"case_id", b"text")
    ),
    *(msgspec.json.encode(name) for name in sorted(TYPES)[::4]),
    *(
        b"null",
        b"true",
        b"-1",
        b"1e308",
        b"9007199254740993",
        b"9223372036854775808",
        b'"\\ud800"',
        b'"\\u0000"',
        b"NaN",
    ),
    *(b"[" * 1_500, b'{"a":' * 300, b"9" * 400, b'"%s"', b'"../../x"', b'"\xe2\x80\xae"', b"[[[]]]", b'"http://[::1"'),
)
