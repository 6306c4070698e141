# Words that every room uses
core-yes = yes
core-no = no
core-none = none
core-unknown = unknown
core-all = all
