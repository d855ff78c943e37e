# ruff: noqa: E501  # a paragraph is one line, as extraction gives it
"""Small articles with everything around them that pages have. Fictional, written for the tests."""

ENGLISH_TITLE = "Halden Labs releases Tern 2.1, an open speech model for phones"
ENGLISH = """By Mira Okafor
November 3, 2026

Halden Labs releases Tern 2.1, an open speech model for phones

In this post we will look at what changed since the last version. Subscribe to our newsletter!

Halden Labs on Tuesday released Tern 2.1, a speech model that runs on a mid-range phone without a network. It transcribes 41 languages and needs 380 MB of memory, the company said.

The weights are open under the Apache 2.0 licence. "We wanted a model that a clinic without internet can use," said Dr. Ines Vale, who leads the project at Halden's U.S. office.

Read more: Our interview with the founders

On the public Corvid benchmark, Tern 2.1 makes 7.4 errors per 100 words, down from 11.2 in version 2.0. Larger models that run on servers reach 5.9. The gap is widest for noisy recordings, where Tern still loses every third name.

Developers can install it with one command:

```
pip install tern-speech. import tern. tern.run()
```

The model was trained for 19 days on 64 accelerators. Halden says that all recordings came from public radio archives and from 2,300 volunteers, who were paid by the hour. An outside group at the University of Aarum checked a sample of 500 hours and found no private calls in it.

Critics point to the licence of the archives, which forbids some uses. The Radio Heritage Trust said it had not been asked and is considering its options. Halden replied that the archive's terms allow research.

A version for hearing aids is planned for spring. It will need a chip that two makers have announced but not shipped.

© 2026 The Example Courier. All rights reserved.
You may also like
"""

GERMAN_TITLE = "Bund fördert offenes Sprachmodell mit 90 Millionen Euro"
GERMAN = """Von Jana Muster
Berlin, 3. November 2026

Der Bund fördert die Entwicklung eines offenen Sprachmodells mit 90 Millionen Euro. Das teilte das Ministerium am 3. November in Berlin mit, nachdem der Haushaltsausschuss zugestimmt hatte.

Lesen Sie auch: Was Modelle kosten

Beteiligt sind u.a. drei Universitäten, z.B. die TU Muster, und vier Unternehmen. Das Modell soll in Nr. 1 der Prioritätenliste, der Verwaltung, zuerst eingesetzt werden. „Wir wollen unabhängig sein. Das kostet Geld“, sagte Dr. Beispiel.

Kritik kam von der Opposition. Der Betrag reiche für ca. ein Jahr Rechenzeit, hieß es.
"""

JAPANESE_TITLE = "架空研究所、小型言語モデル「ハヤブサ3」を公開"
JAPANESE = """公開日：2026年11月3日

架空研究所は3日、スマートフォンで動作する小型言語モデル「ハヤブサ3」を公開した。パラメータ数は20億で、日本語の要約では従来の3倍の速度で動く。

「誰でも手元で使えるようにしたい。通信は要らない」と開発責任者は話す。モデルは商用利用も可能なライセンスで配布される。

この記事では使い方を紹介します。来春には画像にも対応する予定だ。

関連記事
"""
